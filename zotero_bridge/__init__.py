"""The bridge between a bibliography and a Zotero library: `bibtools zotero push|pull|sync|status`.

It enters the command line by the entry point `bibtools.commands`; `bibtools` itself never knows it. Rooms, from the bottom:

    schema   which fields and creators an item type has, and what is wrong with an item
    extra    the Extra field, line by line
    items    Record <-> Zotero item
    compare  an item as comparable values, the three-way merge of two of them, and the patch that carries it out
    index    which item of a library is which record
    children what belongs to an item: files and notes, attachments and child notes; `groups` the collections of a record
    client   one careful HTTP request after another; `web` and `local` are the two backends on top of it
    state    what we remember of a library between runs, and the write-ahead journal
    sync     the planner: pure, no network, no clock
    pull     from Zotero into a .bib, pure
    run      plan, write, recover
    commands push, pull, sync and status from beginning to end; `watch` does it again and again
    cli      words in, words out
"""
