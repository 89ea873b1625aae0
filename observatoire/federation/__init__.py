"""A federation: each départemental installation sends its answers to one lake, which several may write at once."""
