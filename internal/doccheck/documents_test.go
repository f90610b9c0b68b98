package doccheck

import (
	"database/sql"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/blueprints"

	_ "modernc.org/sqlite"
)

// notThere are paths that documents name and that are not in the repository.
var notThere = []string{
	"gen/dice.go",                           // the example of CONTRIBUTING.md
	"env/.env",                              // the user's own
	"manifest.json", "manifest-I-of-N.json", // of an export
}

// read gives a file of the repository.
func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(repository, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// documentNames gives the documents that people read.
func documentNames(t *testing.T) []string {
	t.Helper()
	names, err := fs.Glob(os.DirFS(repository), "docs/*.md")
	if err != nil || len(names) < 3 {
		t.Fatalf("found %v, %v", names, err)
	}
	return append(names, "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")
}

// block is a fenced block of a document.
type block struct {
	language, text string
}

var fence = regexp.MustCompile("(?ms)^ *```(\\w*)\n(.*?)^ *```$")

func blocksOf(text string) (out []block) {
	for _, m := range fence.FindAllStringSubmatch(text, -1) {
		out = append(out, block{m[1], m[2]})
	}
	return out
}

var (
	inBackticks = regexp.MustCompile("`([^`\n]+)`")
	pathLike    = regexp.MustCompile(`^[\w.*-]+(/[\w.*-]+)+/?$|^[\w.-]+\.(go|md|yaml|yml|json|sh|txt|sql|mod)$`)
	linkTarget  = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading     = regexp.MustCompile(`(?m)^#+ +(.+)$`)
)

// TestPaths: what documents name is there.
func TestPaths(t *testing.T) {
	root := os.DirFS(repository)
	gomod := read(t, "go.mod")
	var bases []string // names of all files
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && name != "." && strings.HasPrefix(d.Name(), ".") {
			return fs.SkipDir
		}
		bases = append(bases, path.Base(name))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	there := func(name string) bool {
		names, err := fs.Glob(root, strings.TrimSuffix(name, "/"))
		return err == nil && len(names) > 0 || slices.Contains(notThere, name)
	}
	for _, doc := range documentNames(t) {
		text := fence.ReplaceAllString(read(t, doc), "")
		for _, m := range inBackticks.FindAllStringSubmatch(text, -1) {
			name := m[1]
			if !pathLike.MatchString(name) {
				continue
			}
			if first, _, _ := strings.Cut(name, "/"); strings.Contains(first[1:], ".") && first != name {
				if !strings.Contains(gomod, name+" ") && !strings.Contains(gomod, "module "+name+"\n") {
					t.Errorf("%s names the module %s, which is not in go.mod", doc, name)
				}
			} else if !there(name) && (first != name || !slices.Contains(bases, name)) {
				t.Errorf("%s names %s, which is not there", doc, name)
			}
		}
		for _, m := range linkTarget.FindAllStringSubmatch(text, -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			name, anchor, _ := strings.Cut(m[1], "#")
			target := doc
			if name != "" {
				target = path.Join(path.Dir(doc), name)
			}
			if !there(target) {
				t.Errorf("%s links to %s, which is not there", doc, target)
			} else if anchor != "" && !slices.Contains(anchors(read(t, target)), anchor) {
				t.Errorf("%s links to #%s, a heading that %s lacks", doc, anchor, target)
			}
		}
	}
}

// TestLinks: addresses of others are whole, and pictures say what is seen for those who do not see them.
func TestLinks(t *testing.T) {
	outside, shown := 0, 0
	for _, doc := range documentNames(t) {
		text := inBackticks.ReplaceAllString(fence.ReplaceAllString(read(t, doc), ""), "")
		for _, m := range linkTarget.FindAllStringSubmatch(text, -1) {
			if !strings.Contains(m[1], ":") {
				continue
			}
			outside++
			u, err := url.Parse(m[1])
			if err != nil || u.Scheme != "https" || !strings.Contains(u.Host, ".") || strings.ContainsAny(m[1], "<>\"") {
				t.Errorf("%s links to %s, which is no address that begins with https:// (%v)", doc, m[1], err)
			}
		}
		for _, m := range image.FindAllStringSubmatch(text, -1) {
			shown++
			if len(strings.Fields(m[1])) < 3 {
				t.Errorf("%s: the picture %s says %q of what it shows", doc, m[2], m[1])
			}
		}
	}
	if outside < 10 || shown < 5 {
		t.Errorf("found %d links to others and %d pictures", outside, shown)
	}
}

var image = regexp.MustCompile(`!\[([^\]]*)\]\(([^)\s]+)\)`)

// TestGlossary: its words are in order, each says where more is said, and the documents use it.
func TestGlossary(t *testing.T) {
	var words []string
	for _, m := range glossaryLine.FindAllStringSubmatch(read(t, "docs/glossary.md"), -1) {
		words = append(words, m[1])
		if len(strings.Fields(m[2])) < 4 || !linkTarget.MatchString(m[3]) {
			t.Errorf("%s: %q, more in %q", m[1], m[2], m[3])
		}
	}
	if len(words) < 30 || !slices.IsSorted(words) {
		t.Errorf("%d words, in this order: %q", len(words), words)
	}
	var all strings.Builder
	for _, doc := range documentNames(t) {
		if doc != "docs/glossary.md" {
			all.WriteString(strings.ToLower(strings.Join(strings.Fields(read(t, doc)), " ")))
		}
	}
	for _, w := range words {
		if !strings.Contains(all.String(), w) {
			t.Errorf("no other document says %q", w)
		}
	}
}

var glossaryLine = regexp.MustCompile(`(?m)^\| ([a-z ]+) \| (.+) \| (.*\]\(.+) \|$`)

// anchors gives the anchors of a document's headings; of equal ones only the first.
func anchors(text string) []string {
	var out []string
	for _, m := range heading.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		a := strings.ReplaceAll(strings.ToLower(strings.NewReplacer("`", "", ",", "", ":", "", ".", "").Replace(m[1])), " ", "-")
		out = append(out, a)
	}
	return out
}

// TestHeadings: no two headings of the reference have the same anchor.
func TestHeadings(t *testing.T) {
	all := anchors(read(t, referenceFile))
	slices.Sort(all)
	if once := slices.Compact(slices.Clone(all)); len(once) != len(all) {
		t.Errorf("headings of %s stand twice: %v", referenceFile, all)
	}
}

func TestArchitectureIsShort(t *testing.T) {
	if n := strings.Count(read(t, "ARCHITECTURE.md"), "\n"); n > 220 {
		t.Errorf("ARCHITECTURE.md has %d lines: at most 220", n)
	}
}

// TestMakeTargets: the targets that documents name are in the Makefile.
func TestMakeTargets(t *testing.T) {
	named := regexp.MustCompile("(?m)(?:^|`)make ([a-z][a-z-]*)")
	makefile := read(t, "Makefile")
	for _, doc := range documentNames(t) {
		for _, m := range named.FindAllStringSubmatch(read(t, doc), -1) {
			if !strings.Contains(makefile, "\n"+m[1]+":") {
				t.Errorf("%s names make %s, which the Makefile lacks", doc, m[1])
			}
		}
	}
}

// TestCommands runs every command of the documents as it stands there, in an empty folder with the
// examples; but for the number of rows, and with an SQLite file in the place of PostgreSQL.
func TestCommands(t *testing.T) {
	examples, err := filepath.Abs(filepath.Join(repository, "docs/examples"))
	if err != nil {
		t.Fatal(err)
	}
	for _, doc := range []string{"README.md", "docs/genonaut.md", "docs/shop.md", referenceFile} {
		var commands []string
		env := []string{"SOWER_TARGET_ROWS_USERS=600", "SOWER_TARGET_ROWS_CONTENT_ITEMS=60", "SOWER_TARGET_ROWS_CONTENT_ITEMS_AUTO=100",
			"DB_USER_ADMIN_UUID=5eed0000-0000-4000-8000-000000000001", "SOWER_ORDERS=500", "SOWER_REVIEWS=100"}
		for _, b := range blocksOf(read(t, doc)) {
			for line := range strings.Lines(b.text) {
				line, _, _ = strings.Cut(strings.TrimSpace(line), " #")
				if rest, ok := strings.CutPrefix(line, "export "); ok && b.language == "" {
					env = append(env, strings.TrimSpace(rest))
				} else if strings.HasPrefix(line, "sower ") && b.language == "" {
					commands = append(commands, line)
				}
			}
		}
		if len(commands) == 0 {
			t.Errorf("%s: no command found", doc)
		}
		t.Run(path.Base(doc), func(t *testing.T) {
			dir := t.TempDir()
			if err := os.CopyFS(filepath.Join(dir, "docs/examples"), os.DirFS(examples)); err != nil {
				t.Fatal(err)
			}
			t.Chdir(dir)
			makeShop(t, "shop_test.db")
			for _, c := range commands {
				c = strings.ReplaceAll(c, "postgres://localhost/shop_test", "sqlite:shop_test.db")
				c = strings.ReplaceAll(c, "postgres://localhost/genonaut_demo", "sqlite:genonaut_demo.db")
				if strings.HasPrefix(c, "sower studio ") { // which serves until it is stopped: are its flags right?
					c += " --help"
				}
				sower(t, env, strings.Fields(c)[1:]...)
			}
		})
	}
}

// makeShop makes a small database that the documents' commands without a blueprint fill.
func makeShop(t *testing.T, file string) {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`create table customers (id integer primary key, email varchar(80) not null unique, name text not null);
create table orders (id integer primary key, customer_id integer not null references customers, status text not null check (status in ('open', 'paid')), total numeric(8,2) check (total >= 0))`); err != nil {
		t.Fatal(err)
	}
}

// TestReadmeBlueprint: the blueprint of the README works with and without a database, and its parameter
// can be set as the README says.
func TestReadmeBlueprint(t *testing.T) {
	var shop string
	for _, b := range blocksOf(read(t, "README.md")) {
		if b.language == "yaml" {
			shop = b.text
		}
	}
	if err := compiled(t).Validate(instance(t, shop)); err != nil {
		t.Error(err)
	}
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{"shop.yaml": shop, "config.yaml": "customers: 300\n"} {
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		env, args []string
		want      string
	}{
		{nil, nil, "1,?000"},
		{nil, []string{"--customers", "500"}, "500"},
		{[]string{"SOWER_CUSTOMERS=400"}, nil, "400"},
		{nil, []string{"--config", "config.yaml"}, "300"},
	} {
		out := sower(t, c.env, append([]string{"plan", "shop.yaml"}, c.args...)...)
		if !regexp.MustCompile(`(?m)^customers +` + c.want + ` `).MatchString(out) {
			t.Errorf("plan %v %v: want %s customers:\n%s", c.env, c.args, c.want, out)
		}
	}
	if out := sower(t, nil, "preview", "shop.yaml"); !strings.Contains(out, "placed_at") {
		t.Errorf("preview shows\n%s", out)
	}
	db, err := sql.Open("sqlite", "shop_demo.db")
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec(`create table customers (id integer primary key, name varchar(80) not null, email varchar(80) not null unique, joined_at timestamp not null);
		create table orders (id integer primary key, customer_id integer not null references customers (id), placed_at timestamp not null, status varchar(10) not null)`)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	sower(t, nil, "generate", "shop.yaml", "--database-url", "sqlite:shop_demo.db")
	sower(t, nil, "verify", "shop.yaml", "--database-url", "sqlite:shop_demo.db")
}

// TestFragments: the pieces of blueprints in the reference are shaped like blueprints.
func TestFragments(t *testing.T) {
	schema := compiled(t)
	for _, b := range blocksOf(referenceTemplate) {
		if b.language != "yaml" {
			continue
		}
		text := b.text
		switch {
		case strings.HasPrefix(text, "columns:"):
			text = "sower: 1\ntables:\n  t:\n    rows: 1\n    " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n    ")
		case !strings.Contains(text, "sower: 1"):
			text = "sower: 1\n" + text
		}
		if err := schema.Validate(instance(t, text)); err != nil {
			t.Errorf("%s: %v", b.text, err)
		}
	}
}

// TestScenarioParameters: the document of a built-in scenario names its parameters with their defaults.
func TestScenarioParameters(t *testing.T) {
	for _, name := range blueprints.Names() {
		files, _ := blueprints.Open(name)
		doc, err := blueprint.Open(files, "blueprint.yaml")
		if err != nil {
			t.Fatal(err)
		}
		text := read(t, "docs/"+name+".md")
		for _, p := range doc.Parameters() {
			if !strings.Contains(text, "`"+p.Name+"`") {
				t.Errorf("docs/%s.md says nothing of the parameter %s", name, p.Name)
			}
		}
	}
}
