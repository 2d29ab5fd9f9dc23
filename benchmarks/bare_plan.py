"""The floor of a plan: boto3 makes the calls that a plan of all pools makes, and nothing else.

usage: python -m benchmarks.bare_plan
"""

import boto3

if __name__ == "__main__":
    boto3.client("sts").get_caller_identity()
    cognito = boto3.client("cognito-identity")
    for pool in cognito.list_identity_pools(MaxResults=60)["IdentityPools"]:
        cognito.describe_identity_pool(IdentityPoolId=pool["IdentityPoolId"])
        cognito.get_identity_pool_roles(IdentityPoolId=pool["IdentityPoolId"])
