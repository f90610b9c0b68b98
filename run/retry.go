package run

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/trace"
	"github.com/sowerdata/sower/sink"
)

// retries bounds how often one batch is tried again.
const retries = 6

// retrier loads batches of one table, each as a transaction. What failed in a way that goes by, and left
// nothing behind, it tries again through a new loader.
type retrier struct {
	sink     sink.Sink
	target   *sink.Target
	progress *progress
	loader   sink.Loader // nil before the first batch, and after a failure
	stand    int         // batches that do
}

// load makes a batch stand, and gives the number of rows as the receiver counted them.
func (r *retrier) load(ctx context.Context, b *column.Batch) (int64, error) {
	for n := 0; ; n++ {
		rows, err := r.try(ctx, b)
		if err == nil {
			r.stand++
			return rows, nil
		}
		if !errors.Is(err, sink.ErrRetry) || n == retries || ctx.Err() != nil {
			return 0, err
		}
		_ = r.close(ctx, err)
		if errors.Is(err, sink.ErrConnections) {
			r.progress.unconnected(err, false)
		} else {
			r.progress.again(r.target.Name, err)
		}
		if !backoff(ctx, n) {
			return 0, err
		}
	}
}

// backoff waits before the try after n+1 failed ones: a tenth of a second, doubled each time, and up to as
// much again at random, so that two that met do not meet again. False says that ctx has ended.
func backoff(ctx context.Context, n int) bool {
	d := 100 * time.Millisecond << n
	select {
	case <-time.After(d + rand.N(d)):
		return true
	case <-ctx.Done():
		return false
	}
}

func (r *retrier) try(ctx context.Context, b *column.Batch) (n int64, err error) {
	if err := r.open(ctx); err != nil {
		return 0, err
	}
	wrote := trace.Of(ctx).Begin("write", r.target.Name)
	err = r.loader.Write(ctx, b)
	wrote()
	if err != nil {
		return 0, fmt.Errorf("load %s rows %d-%d: %w", r.target.Name, b.First, b.First+int64(b.N)-1, err)
	}
	defer trace.Of(ctx).Begin("commit", r.target.Name)()
	if n, err = r.loader.Commit(ctx); err != nil {
		return 0, fmt.Errorf("commit %s rows %d-%d: %w", r.target.Name, b.First, b.First+int64(b.N)-1, err)
	}
	return n, nil
}

// open opens the loader where it is not open.
func (r *retrier) open(ctx context.Context) (err error) {
	if r.loader != nil {
		return nil
	}
	if r.loader, err = r.sink.Loader(ctx, r.target); err != nil {
		r.loader = nil
		return fmt.Errorf("%s: %w", r.target.Name, err)
	}
	return nil
}

// close closes the loader; after another error, or a cancelled context, its own error says nothing new.
func (r *retrier) close(ctx context.Context, before error) error {
	if r.loader == nil {
		return nil
	}
	err := r.loader.Close()
	r.loader = nil
	if before != nil || ctx.Err() != nil {
		return nil
	}
	return err
}

// again counts the batches that were tried again, and tells of the first.
func (p *progress) again(table string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.retried++; p.retried == 1 {
		p.options.log().Warn("a batch is tried again, since nothing of it stands", "table", table, "error", err)
	}
}
