package sink

import (
	"context"

	"github.com/sowerdata/sower/schema"
)

// Partitioner is a Store that makes partitions of its tables.
type Partitioner interface {
	// MakePartitions makes those of these partitions that are not there yet, all or none.
	MakePartitions(ctx context.Context, list []schema.NewPartition) error
	// DropPartitions drops those of these partitions that are still partitions of their tables, hold no row and are
	// referred to by nobody, and gives their names.
	DropPartitions(ctx context.Context, list []schema.NewPartition) ([]string, error)
}
