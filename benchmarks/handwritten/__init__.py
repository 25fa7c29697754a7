"""Derivatives that a programmer wrote in C++, and their place beside the libraries."""
