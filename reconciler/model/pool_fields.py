"""The fields of a pool, called what the API calls them, by the calls that carry them."""

# CreateIdentityPool and UpdateIdentityPool carry these (botocore model of cognito-identity).
SETTINGS_FIELDS = (
    "IdentityPoolName",
    "AllowUnauthenticatedIdentities",
    "AllowClassicFlow",
    "SupportedLoginProviders",
    "DeveloperProviderName",
    "OpenIdConnectProviderARNs",
    "SamlProviderARNs",
    "CognitoIdentityProviders",
)
TAGS_FIELD = "IdentityPoolTags"
LOGINS_FIELD = "SupportedLoginProviders"
# SetIdentityPoolRoles replaces these two together.
ROLES_FIELDS = ("Roles", "RoleMappings")
PRINCIPAL_TAGS_FIELD = "PrincipalTagAttributeMaps"
# Maps by the name of a provider.
BY_PROVIDER_FIELDS = ("RoleMappings", PRINCIPAL_TAGS_FIELD)
POOL_FIELDS = (*SETTINGS_FIELDS, TAGS_FIELD, *ROLES_FIELDS, PRINCIPAL_TAGS_FIELD)
