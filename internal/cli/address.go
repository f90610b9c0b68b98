package cli

import (
	"os"

	"github.com/spf13/cobra"
)

// addressVariable is the environment variable that names the database where --database-url does not.
const addressVariable = "DATABASE_URL"

// The help of --database-url, for commands that need a database, and for those to which a blueprint is enough.
const (
	addressHelp = "`URL` of the database: postgres://user:password@host:port/name, sqlite:PATH " +
		"or \"host=... dbname=...\" (default: DATABASE_URL)"
	againstHelp = "`URL` of a database to infer the rows from, or to hold the blueprint against " +
		"(default, without a blueprint: DATABASE_URL); it is read only"
)

// databaseFlag declares --database-url.
func databaseFlag(cmd *cobra.Command, help string) { cmd.Flags().String("database-url", "", help) }

// database gives the address of the database that a command works on: that of --database-url, or else what DATABASE_URL
// says in the environment, in the file of --env-file, in .env or in env/.env. Of a database that is to be written and
// that the command line does not name, a line says which it is.
func (a *app) database(cmd *cobra.Command, how access) (string, error) {
	url, from, err := a.findDatabase(cmd)
	if err != nil || url == "" {
		if err == nil {
			err = usageHelp("--database-url is required, or DATABASE_URL in the environment or in .env")
		}
		return "", err
	}
	if from != "--database-url" {
		a.log().Debug("database", "url", redact(url), "from", from)
		if how != readOnly {
			a.ui.note("database: %s (%s)", visible(redact(url)), from)
		}
	}
	return url, nil
}

// findDatabase gives the address and where it was found; "" where nobody says one.
func (a *app) findDatabase(cmd *cobra.Command) (url, from string, err error) {
	text, from := "", "--database-url"
	if f := cmd.Flags().Lookup("database-url"); f != nil && f.Changed {
		text = f.Value.String()
		if text == "" {
			return "", "", usageHelp("--database-url is empty: want %s", addressForms)
		}
	} else if text, from, err = a.databaseVariable(); err != nil || text == "" {
		return "", "", err
	}
	a.hideURL(text)
	url, err = readAddress(text, from)
	if err == nil {
		a.hideURL(url)
	}
	return url, from, err
}

// databaseVariable gives what DATABASE_URL says, and where.
func (a *app) databaseVariable() (text, from string, err error) {
	if v := a.getenv(addressVariable); v != "" {
		return v, addressVariable, nil
	}
	files, err := readEnvFiles(a.flags.envFile)
	if err != nil {
		return "", "", err
	}
	v, at := files.lookup(addressVariable)
	if v == "" {
		return "", "", nil
	}
	v = os.Expand(v, func(name string) string { // as dotenv tools do
		if other, _ := files.lookup(name); other != "" {
			return other
		}
		return a.getenv(name)
	})
	return v, addressVariable + " in " + at, nil
}

// databaseNamed tells whether a database is named at all, on the command line or elsewhere.
func (a *app) databaseNamed(cmd *cobra.Command, args []string) bool {
	if _, ok := flagValue(args, "database-url"); ok {
		return true
	}
	if a.flags.envFile == "" { // cobra has not parsed it yet
		a.flags.envFile, _ = flagValue(args, "env-file")
	}
	text, _, err := a.databaseVariable()
	return err != nil || text != ""
}

// flagValue finds the value of a flag among arguments that nobody has parsed yet.
func flagValue(args []string, name string) (value string, ok bool) {
	for i, arg := range args {
		switch {
		case arg == "--":
			return value, ok
		case arg == "--"+name && i+1 < len(args):
			value, ok = args[i+1], true
		case len(arg) > len(name)+2 && arg[:len(name)+3] == "--"+name+"=":
			value, ok = arg[len(name)+3:], true
		}
	}
	return value, ok
}
