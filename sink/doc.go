// Package sink is the contract of those who take rows: databases, files, or nobody.
//
// It is the last step of the path blueprint -> schema -> plan -> rows -> sink. Package run writes
// batches through Loaders, several at once, each on a connection of its own; sinktest.Exercise is the
// conformance suite that every sink passes. Store is what run asks of a database besides taking rows;
// nothing of it leaks into generation.
package sink
