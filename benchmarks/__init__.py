"""Measurements that anybody can repeat: a synthetic chain, a node that serves it, a clock."""
