"""Spec texts: a good one with every field, and a short one to put errors into."""

HEAD = """\
apiVersion: idpool/v1
kind: IdentityPool
metadata:
  name: shop
spec:
  IdentityPoolName: shop
"""

GOOD = """\
# yaml-language-server: $schema=../schemas/identity-pool.schema.json
apiVersion: idpool/v1
kind: IdentityPool
metadata:
  name: storefront
  targets: [prod-eu, prod-us]
  adopt: {prod-eu: "eu-west-1:0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"}
lifecycle:
  ignoreChanges: [CognitoIdentityProviders]
  delete: false
  deleteIdentities: false
spec:
  IdentityPoolName: storefront
  AllowUnauthenticatedIdentities: true
  AllowClassicFlow: false
  SupportedLoginProviders: {graph.facebook.com: "7346241598935555", api.twitter.com: key;secret}
  DeveloperProviderName: login.storefront
  OpenIdConnectProviderARNs: [arn:aws:iam::123456789012:oidc-provider/example.com]
  SamlProviderARNs: [arn:aws:iam::123456789012:saml-provider/Okta]
  CognitoIdentityProviders:
    - ProviderName: cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab129faBb
      ClientId: 7lhlkkfbfb4q5kpp90urffao
      ServerSideTokenCheck: true
  IdentityPoolTags: {team: shop}
  Roles:
    authenticated: &role arn:aws:iam::123456789012:role/shop-auth
    unauthenticated: arn:aws:iam::123456789012:role/shop-guest
  RoleMappings:
    "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab129faBb:7lhlkkfbfb4q5kpp90urffao":
      {Type: Token, AmbiguousRoleResolution: Deny}
    graph.facebook.com:
      Type: Rules
      AmbiguousRoleResolution: AuthenticatedRole
      RulesConfiguration:
        Rules:
          - {Claim: isAdmin, MatchType: Equals, Value: "yes", RoleARN: *role}
          - {Claim: since, MatchType: StartsWith, Value: 2026-01-01, RoleARN: *role}
  PrincipalTagAttributeMaps:
    cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab129faBb:
      UseDefaults: false
      PrincipalTags: {department: "custom:department"}
    login.storefront: {UseDefaults: true}
"""

POOL_ID = "eu-west-1:0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
USER_POOL = "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab129faBb"

PROJECT = """\
apiVersion: idpool/v1
kind: Project
owner: acme/identity
specs: [specs/, more.yaml]
targets:
  prod-eu: {account: "123456789012", region: eu-west-1, roleArn: arn:aws:iam::123456789012:role/x}
  prod-us: {account: "123456789012", region: us-east-1}
ignoreTags: ["cost:*"]
"""
