"""Reads ringbench stores (docs/store.md), draws the figures and writes report.html."""
