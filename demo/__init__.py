"""The demo: a morning on one road, two races, four virtual boards, from the tubes to a results page."""
