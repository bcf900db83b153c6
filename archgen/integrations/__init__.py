"""Figures where people read: Sphinx, and Markdown for MkDocs and Zensical.

Each module is imported by the tool that it is for, and imports that tool.
"""
