"""Paper as it is signed: rankings, start lists and sheets as PDF, set by typst; the same facts give the same bytes."""
