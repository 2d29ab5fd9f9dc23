// An app that signs in with the AWS SDK for JavaScript: the same in Node and in a browser.
import { CognitoIdentityClient } from "@aws-sdk/client-cognito-identity";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { fromCognitoIdentityPool } from "@aws-sdk/credential-provider-cognito-identity";

/** What the app got: its identity, who it is to STS, and which calls it took. Errors by name. */
export async function signIn({ endpoint, region, identityPoolId, logins }) {
  const client = new CognitoIdentityClient({ endpoint, region });
  const calls = [];
  const note = (next, context) => (request) => {
    calls.push(context.commandName);
    return next(request);
  };
  client.middlewareStack.add(note, { step: "initialize" });
  const credentials = fromCognitoIdentityPool({ client, identityPoolId, logins });
  const sts = new STSClient({ endpoint, region, credentials });
  try {
    const callers = [];
    for (let time = 0; time < 3; time += 1) {
      callers.push((await sts.send(new GetCallerIdentityCommand({}))).Arn);
    }
    const { identityId, expiration } = await credentials();
    return { callers, calls: calls.slice(0, -1), identityId, expiration };
  } catch (error) {
    return { error: error.name, message: error.message };
  }
}
