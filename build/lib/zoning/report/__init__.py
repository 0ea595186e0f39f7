"""SHOW: tables, workbooks, JSON documents."""
