package main

import (
	"context"
	"fmt"

	"github.com/sowerdata/sower/db/postgres"
	"github.com/sowerdata/sower/internal/bigschema"
)

// runSchemas reads and plans schemas that are large in one way each, without a blueprint: their cost ought to grow as
// they do, no faster. inspect shows a schema with the generator of each column, init writes the blueprint.
func runSchemas(ctx context.Context, b *bench, r *Result) error {
	kinds := []struct {
		name, ddl string
		inspect   float64 // seconds that it may take; 0 where it is not measured
		init      float64
		args      []string
	}{
		{"60 tables", bigschema.Grown(1, 60), 0.5, 0.5, nil},
		{"300 tables", bigschema.Grown(1, 300), 1.7, 1.7, nil},
		{"1,000 tables", bigschema.Grown(1, 1000), 5, 5, nil},
		{"1,590 columns", bigschema.Wide(1590), 0, 2, nil},
		{"500 tables, 1,500 triggers", bigschema.Triggered(500), 2, 2, nil},
		{"10,000 values in checks", bigschema.Listed(5000), 0, 2, nil},
		{"2,000 rows of attributes", bigschema.Attributes(), 0, 2, []string{"--rows", "2000", "--skip-unsatisfiable"}},
	}
	if err := b.startServer(ctx); err != nil {
		return err
	}
	for i, k := range kinds {
		name := fmt.Sprintf("schemas_%d_test", i)
		url, err := b.newSchema(ctx, name, k.ddl)
		if err != nil {
			return err
		}
		for _, c := range []struct {
			command string
			most    float64
			args    []string
		}{{"inspect", k.inspect, nil}, {"init", k.init, k.args}} {
			if c.most == 0 {
				continue
			}
			var wall, cpu, server, peak []float64
			for range b.options.runs {
				u, err := b.timedSower(ctx, append([]string{c.command, "--database-url", url}, c.args...)...)
				if err != nil {
					return err
				}
				wall = append(wall, u.wall.Seconds())
				cpu = append(cpu, (u.user + u.system).Seconds())
				server = append(server, u.server.Seconds())
				peak = append(peak, float64(u.peak)/1e6)
			}
			row := r.row(k.name + ", " + c.command)
			row.add("s", wall...).atMost(c.most)
			row.add("CPU s", cpu...)
			row.add("server CPU s", server...)
			row.add("peak MB", peak...)
		}
		if err := b.server.DropDatabase(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// newSchema makes a database of a name with a schema, and gives its address.
func (b *bench) newSchema(ctx context.Context, name, ddl string) (string, error) {
	if err := b.server.CreateDatabase(ctx, name); err != nil {
		return "", err
	}
	url := b.server.URL(name)
	db, err := postgres.Open(ctx, url, postgres.Options{ApplicationName: "bench"})
	if err != nil {
		return "", err
	}
	defer db.Close()
	return url, db.CreateSchema(ctx, ddl)
}
