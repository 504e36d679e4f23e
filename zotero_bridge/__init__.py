"""The bridge between a bibliography and a Zotero library: `bibtools zotero push|pull|sync|status`.

It enters the command line by the entry point `bibtools.commands`; `bibtools` itself never knows it. Rooms, from the bottom:

    schema   which fields and creators an item type has, and what is wrong with an item
    extra    the Extra field, line by line
    items    Record <-> Zotero item
    compare  an item as comparable values, the three-way merge of two of them, and the patch that carries it out
    index    which item of a library is which record
    client   one careful HTTP request after another; `web` and `local` are the two backends on top of it
    state    what we remember of a library between runs, and the write-ahead journal
    sync     the planner: pure, no network, no clock
    run      plan, write, recover; push, pull and sync
    cli      words in, words out
"""
