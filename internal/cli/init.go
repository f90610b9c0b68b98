package cli

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sowerdata/sower/docs"
	"github.com/sowerdata/sower/infer"
	"github.com/sowerdata/sower/internal/driver"
	"github.com/sowerdata/sower/internal/request"
	"github.com/sowerdata/sower/schema"
)

func (a *app) initCommand() *cobra.Command {
	var out string
	var f inferFlags
	cmd := &cobra.Command{
		Use:     "init --database-url URL [FLAGS]",
		GroupID: groupLook,
		Short:   "write a blueprint of what is inferred from a database's schema",
		Long: `init reads the schema of a database and writes the blueprint that generate would run without one: every
table with its row count, every column with its generator, why it was chosen and how sure that is. Run as
it is, it makes the same rows; edit it and go on from there. Nothing is written to the database.

With --out it also saves beside it the schema that it is for, with the keys of existing rows that others refer to
(at most 1,000 of a table), so that preview, plan, digest, diff and export work without the database; and the JSON
Schema by which editors complete it.`,
		Example: `  sower init --database-url postgres://me@localhost/shop_test --out shop.yaml
  sower init --database-url sqlite:shop_test.db --rows 1000 --out shop.yaml`,
		Args: exactly(),
	}
	databaseFlag(cmd, addressHelp)
	cmd.Flags().StringVar(&out, "out", "", "write to `FILE`, which must not be there yet, in place of the standard output")
	f.register(cmd)
	ownFlag(cmd, "seed")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		url, err := a.database(cmd, readOnly)
		if err != nil {
			return err
		}
		if err := f.check(false); err != nil {
			return err
		}
		s, err := a.settings(cmd)
		if err != nil {
			return err
		}
		if _, err := os.Lstat(out); out != "" && err == nil {
			return usage("%s stands already and is not replaced: name another file", out)
		}
		saved := ""
		if out != "" {
			saved = strings.TrimSuffix(out, filepath.Ext(out)) + ".database.json"
		}
		r, db, err := a.inferFrom(cmd, url, s, &f, filepath.Base(saved))
		if err != nil {
			return err
		}
		for _, n := range r.Notices {
			a.ui.note("%s", n)
		}
		if out == "" {
			_, err := cmd.OutOrStdout().Write(r.Text)
			return err
		}
		if err := a.writeBeside(saved, db, r); err != nil {
			return err
		}
		err = writeNew(out, append([]byte("# yaml-language-server: $schema="+schemaFile+"\n"), r.Text...))
		if err != nil {
			return err
		}
		a.ui.hint("see its rows:", "sower preview "+shellQuote(out))
		return nil
	}
	return cmd
}

// schemaFile is the name of the JSON Schema beside a blueprint, by which editors complete it.
const schemaFile = "blueprint.schema.json"

// writeBeside writes the files that a blueprint refers to: the schema that it is for, and the JSON Schema of blueprints.
// They replace earlier ones of their kind, and nothing else.
func (a *app) writeBeside(saved string, db *schema.Database, r *infer.Result) error {
	own := filepath.Join(filepath.Dir(saved), schemaFile)
	if data, err := os.ReadFile(saved); err == nil && parseSaved(data) == nil {
		return usage("%s stands already, is no saved schema and is not replaced: name another --out", saved)
	}
	if data, err := os.ReadFile(own); err == nil && !bytes.Contains(data, []byte("sower")) {
		return usage("%s stands already, is not sower's and is not replaced: name an --out in another folder", own)
	}
	data, err := saveSchema(db, r.Keys)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(saved), 0o777); err != nil {
		return err
	}
	return errors.Join(writeWhole(saved, data), writeWhole(own, docs.BlueprintSchema))
}

// inferFrom infers a blueprint from a database, which is read only. saved is the file in which the schema will be, or "".
func (a *app) inferFrom(
	cmd *cobra.Command, url string, s *settings, f *inferFlags, saved string,
) (*infer.Result, *schema.Database, error) {
	ctx := cmd.Context()
	store, err := a.openStore(ctx, url, readOnly)
	if err != nil {
		return nil, nil, err
	}
	defer store.Close()
	db, err := store.Inspect(ctx)
	if err != nil {
		return nil, nil, err
	}
	o, err := a.request(s, f).Options(store)
	if err != nil {
		return nil, nil, err
	}
	recorded, err := request.ReadRecords(ctx, store)
	if err != nil {
		return nil, nil, err
	}
	o.Own, o.Stood, o.Alone = recorded.Tables(), recorded.Stood(), true
	o.Beside = driver.ForMadeRows(db.Name)
	if saved != "." {
		o.Saved = saved
	}
	r, err := infer.Infer(ctx, db, o)
	return r, db, err
}
