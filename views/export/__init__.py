"""Handing over: findings as one file, or the audit's files and report as a folder."""
