"""Upheld's engine: a privacy policy that is executed. Declare, check, keep, prove."""
