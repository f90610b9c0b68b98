package run

// FoundAtOnce is how many rows without a key of one column are sought in one pass over their table.
var FoundAtOnce = &foundAtOnce
