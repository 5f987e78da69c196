"""The marshal's card and the labels of the boxes, as PDF for a printer: `make card`."""
