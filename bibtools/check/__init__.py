"""What is wrong with a bibliography: rules are small functions in one table, each with a name, a reason and, where it is
safe, the edit that fixes it.

A rule can be turned off for a run, for a file by a line `% bibtools: off rule-name [rule-name ...]` anywhere in it, or for
one entry by `% bibtools: off-next rule-name` in the text before that entry.
"""

from bibtools.check.finding import Finding, Fix, Subject
from bibtools.check.run import RULES, Examination, run

__all__ = ["RULES", "Examination", "Finding", "Fix", "Subject", "run"]
