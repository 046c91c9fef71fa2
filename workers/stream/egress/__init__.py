"""Egress: what an endpoint's answers mean, and how its secrets are kept out of them."""
