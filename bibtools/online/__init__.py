"""Services that know works, asked over the network: the one room of bibtools that opens a socket, and only where it is named.

    service      what a service is; `crossref`, `arxiv`, `datacite`, `openalex`, `semanticscholar`, `doi`, `dblp`, `pubmed`
                 are one each: how it is asked, how its answer is read
    asking       which questions are asked of whom, in which order, and what came of it
    session      a run: services, the person's address, keys, answers that are kept
    client       one service's conversation: pace, repeats, when to stop
    http         what a careful conversation needs, whoever the server is (the Zotero bridge shares it)
    kept         answers that are not asked for again
    secrets      keys from the environment or a private file
    harvest      arXiv's records since a day

Needs the extra `online` (httpx2, tenacity). A work that was found is a record like any other, read by the same readers as a
file of that service. What a service does not answer is told as a silence and never as "not found".
"""
