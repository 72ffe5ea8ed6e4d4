"""Texts and channels: what is said to people, when it may be said, and how it leaves the house. Knows no database."""
