package sink

import "context"

// Shared is a Store that loaders of several processes, on any machines, fill at once. What keeps each batch from being
// loaded twice is the ledger: its row goes in before the batch's rows, in their transaction, and there is only one for
// each first row. A loader that comes second waits for the end of that transaction, and gets an ErrStands where it stood.
type Shared interface {
	Store
	// LockShared is Lock for one of several loaders: they have the database together, and nobody else has it. Of a loader
	// whose machine is gone, the server keeps neither lock nor transaction for long.
	LockShared(ctx context.Context, who string) (unlock func() error, err error)
	// ShareRun is UseRun for a loader. A lock that was lost is taken again only as long as the record of the run says the same
	// of its state and its batches.
	ShareRun(r *Run)
	// Claim takes a table of a run for this loader alone; ok is false while another one has it. The claim ends with
	// release, or with the loader.
	Claim(ctx context.Context, run int64, table string) (release func() error, ok bool, err error)
	// ChangeRun reads the record of a run, has change change it, and writes it, while nobody else does.
	ChangeRun(ctx context.Context, number int64, change func(r *Run) error) error
	// Committed gives the rows of a run's table within a range that the ledger has, in order; touching ranges as one.
	Committed(ctx context.Context, run int64, table string, within Range) ([]Range, error)
}
