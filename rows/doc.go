// Package rows makes the cells that a plan describes.
//
// It is the fourth step of the path blueprint -> schema -> plan -> rows -> sink. A Maker, one for each
// worker, gives any rows of any table as a column.Batch, from nothing but the plan: cells of parents
// are recomputed, not remembered, so that its memory depends on the size of a batch and not on the
// number of rows.
package rows
