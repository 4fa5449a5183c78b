"""A stand-in for WeChat: the Official Account API, and people with phones who follow the accounts."""
