"""The sandbox: moto, taught the rules of Cognito identity pools, over HTTP on loopback.

Importing this package is cheap; moto and its like are imported when a server starts.
"""
