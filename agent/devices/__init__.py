"""Everything with a plug, behind ports."""
