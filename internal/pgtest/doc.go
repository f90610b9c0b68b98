// Package pgtest starts throw-away PostgreSQL servers for tests and
// benchmarks.
//
// It stands beside the data's path, not on it: only tests and the bench
// program import it. There are two layers. [Start] and [Server.Stop] speak in
// errors and serve any program. [Each], [Shared], [StartFor] and
// [Server.NewDatabase] sit on top of them and speak to a [testing.TB].
//
// A package with database tests has one line of set-up,
//
//	func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }
//
// and its tests read
//
//	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
//		url := s.NewDatabase(t, "orders")
//		s.Psql(t, url, "create table orders (id int primary key)")
//	})
//
// # Lifetimes
//
// A shared server starts when the first test asks for it and lives as long as
// the test binary. Every server belongs to the process that started it: a
// watchdog stops it and removes its folder even when that process is killed.
// The folder is in the folder for temporary files that TMPDIR names, if its path
// is short and the unprivileged user who runs the server for root can enter it,
// else in /tmp. Without TMPDIR it is in memory (/dev/shm) where that has 4 GiB.
//
// # What is found
//
// The system's servers (PATH, pg_config, /usr/lib/postgresql) and those that
// scripts/setup-tests.sh put into its cache folder. The environment variable
// SOWER_TEST_POSTGRES ("15,18") narrows them. Without any server a test fails;
// it never skips.
package pgtest
