package schema_test

import (
	"strings"
	"testing"

	"github.com/sowerdata/sower/schema"
)

func tableOf(nsp, name, columns string) *schema.Table {
	t := &schema.Table{Schema: nsp, Name: name}
	for c := range strings.FieldsSeq(columns) {
		t.Columns = append(t.Columns, &schema.Column{Name: c})
	}
	return t
}

// Tables of migration tools are known by their names, in any schema and in any case; where an application may use the
// name as well, by their columns.
func TestTool(t *testing.T) {
	for _, c := range []struct{ nsp, name, columns, want string }{
		{"public", "schema_migrations", "version", "golang-migrate, dbmate, Rails, Ecto and others"},
		{"app", "__EFMigrationsHistory", "MigrationId ProductVersion", "Entity Framework"},
		{"drizzle", "__drizzle_migrations", "id hash created_at", "Drizzle"},
		{"", "SequelizeMeta", "name", "Sequelize"},
		{"public", "DATABASECHANGELOG", "ID AUTHOR FILENAME DATEEXECUTED", "Liquibase"},
		{"public", "articles_phinxlog", "version", "Phinx, CakePHP"},
		{"Sqitch", "changes", "change_id", "Sqitch"},
		{"public", "changes", "change_id", ""},
		{"public", "migrations", "id timestamp name", "TypeORM"},
		{"public", "migrations", "id migration batch", "Laravel"},
		{"public", "migrations", "id bird_id from_place to_place", ""},
		{"public", "schema_version", "version", "tern"},
		{"public", "schema_version", "version product_id notes", ""},
		{"public", "schema_version", "installed_rank version script success", "Flyway"},
		{"public", "migration", "version apply_time", "Yii"},
		{"public", "users", "id name", ""},
		{"public", "alembic_version_billing", "version_num", "Alembic"},
	} {
		if got := tableOf(c.nsp, c.name, c.columns).Tool(); got != c.want {
			t.Errorf("%s.%s (%s): %q, want %q", c.nsp, c.name, c.columns, got, c.want)
		}
	}
}

// A partitioned table without a partition that holds rows, at any level, takes none.
func TestHasPlace(t *testing.T) {
	part := func(name, of string, parted bool) *schema.Table {
		x := &schema.Table{Name: name, Partitioned: parted, CanInsert: true}
		if of != "" {
			x.Partition = &schema.Partition{ParentTable: of}
		}
		return x
	}
	d := &schema.Database{Dialect: "postgres", Tables: []*schema.Table{
		part("plain", "", false), part("none", "", true), part("one", "", true), part("one_1", "one", false),
		part("deep", "", true), part("deep_1", "deep", true), part("deep_1_1", "deep_1", true),
	}}
	for _, x := range d.Tables {
		want := x.Name == "plain" || strings.HasPrefix(x.Name, "one")
		if got := d.Closed(x) == ""; got != want {
			t.Errorf("%s: %t, want %t", x.Name, got, want)
		}
	}
}
