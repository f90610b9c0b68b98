package postgres_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"testing"
	"time"

	"github.com/sowerdata/sower/db/postgres"
	"github.com/sowerdata/sower/internal/pgtest"
)

// A cancel request for a statement that has just ended strikes no other: not where the server is slow to take it, not
// where what stands before it passes it on late, and not in a transaction.
func TestLateCancel(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		address := s.NewDatabase(t, "late")
		s.Psql(t, address, "create table t (id int)")
		for what, c := range map[string]struct {
			answered bool          // the request's end comes before the server has it
			late     time.Duration // after which the server gets it
			again    time.Duration // after which its second signal comes, as on a server that is interrupted between the two
		}{
			"at once":         {},
			"slow server":     {late: 250 * time.Millisecond},
			"pooler in front": {answered: true, late: 40 * time.Millisecond},
			"two signals":     {answered: true, late: 20 * time.Millisecond, again: 20 * time.Millisecond},
		} {
			t.Run(what, func(t *testing.T) {
				t.Parallel() // most of it is waiting
				through := relay(t, address, func(client, server net.Conn) {
					first := make([]byte, 8)
					if _, err := io.ReadFull(client, first); err != nil {
						return
					}
					if binary.BigEndian.Uint32(first[4:]) == 80877102 { // a cancel request
						rest := make([]byte, binary.BigEndian.Uint32(first)-8)
						if _, err := io.ReadFull(client, rest); err != nil {
							return
						}
						if c.answered {
							client.Close()
						}
						time.Sleep(c.late)
						first = append(first, rest...)
						if c.again > 0 {
							if second, err := net.Dial("tcp", server.RemoteAddr().String()); err == nil {
								time.AfterFunc(c.again, func() {
									defer second.Close()
									_, _ = second.Write(first)
								})
							}
						}
					}
					if _, err := server.Write(first); err == nil {
						pipe(client, server)
					}
				})
				db := open(t, through, postgres.Options{})
				tg := target(t, inspect(t, db), "t")
				for i := range 10 {
					ctx, cancel := context.WithCancel(t.Context())
					d := time.Duration(rand.N(4000)) * time.Microsecond
					time.AfterFunc(d, cancel)
					for ctx.Err() == nil {
						if i%2 == 0 { // in a transaction, and outside of one
							_, _ = db.QueryInt(ctx, fmt.Sprintf("select count(pg_sleep(%f))", rand.Float64()*0.002), nil)
						} else {
							_, _ = db.CountRows(ctx, tg.Table)
						}
					}
					for range 3 {
						if _, err := db.QueryInt(t.Context(), "select count(pg_sleep(0.005))", nil); err != nil {
							t.Fatalf("statement %d was struck: %v", i, err)
						}
					}
					if i%5 > 0 {
						continue
					}
					ctx, cancel = context.WithCancel(t.Context())
					l, err := db.Loader(t.Context(), tg)
					if err != nil {
						t.Fatal(err)
					}
					time.AfterFunc(d/4, cancel)
					for ctx.Err() == nil {
						_ = l.Write(ctx, batch(0, tg, numbers(0, 50)))
					}
					if err := l.Close(); err != nil {
						t.Fatal(err)
					}
					load(t, db, tg, batch(0, tg, numbers(0, 5000)))
				}
			})
		}
	})
}
