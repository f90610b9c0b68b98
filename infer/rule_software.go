package infer

import (
	"strings"

	"github.com/sowerdata/sower/sqlexpr"
)

// softwareRules recognise what programs write down of themselves: revisions, branches, machines.
var softwareRules = []rule{
	{"a profile on a network", texts, func(s *site) bool {
		return s.network() != "" && (s.has("url", "link", "profile", "page") || len(s.words) == 1) && !s.has("id", "handle", "username", "count", "followers", "token") && s.fits(40)
	}, func(s *site) yaml {
		return short("pattern", "https://"+strings.ReplaceAll(s.network(), ".", "\\.")+"[a-z]{4,8}(-[a-z]{4,9}|[0-9]{1,3})")
	}, 0.94},
	{"a web address", texts, func(s *site) bool {
		return len(s.words) > 1 && s.ends("url", "uri", "href") && !s.has("avatar", "image", "photo", "picture", "thumbnail", "logo", "icon", "banner") && s.fits(30)
	}, func(s *site) yaml { return short("internet", "url") }, 0.92},
	{"a revision", texts, func(s *site) bool {
		return s.ends("oid", "commit", "commit_id", "commit_sha", "commit_hash", "revhash", "rev", "base_rev", "head_rev", "git_revision", "parent_commit") && s.fits(40) && !s.has("message", "author")
	}, func(s *site) yaml { return s.hex(40) }, 0.85},
	{"a branch", texts, func(s *site) bool {
		return s.ends("branch", "branch_name") && !s.of("bank", "store", "account", "employee", "loan", "library", "company") && s.fits(28)
	}, func(s *site) yaml { return short("word", "branch") }, 0.88},
	{"a ref of a repository", texts, func(s *site) bool {
		return s.ends("head_ref", "base_ref", "git_ref", "ref_name", "source_ref", "target_ref") || s.is("ref") && (s.of("repo", "repository", "build", "changeset", "commit", "pipeline", "workflow", "deployment") || s.besideAny("commit", "oid", "sha", "repo", "branch"))
	}, func(s *site) yaml {
		return short("pattern", "refs/heads/(main|develop|(feature|fix|release)/[a-z]{4,8}-[1-9][0-9]{0,2})")
	}, 0.85},
	{"a repository", texts, func(s *site) bool {
		return s.is("repo", "repo_name", "repository", "repository_name", "namespace") || s.is("name") && s.about("repo", "repository")
	},
		func(s *site) yaml { return short("internet", "slug") }, 0.75},
	{"a host", texts, func(s *site) bool { return s.ends("hostname", "host_name") }, func(s *site) yaml { return short("internet", "host") }, 0.9},
	{"an MD5 sum", texts, func(s *site) bool { return s.has("md5", "ha1", "ha1b", "md5sum") && s.fits(32) }, func(s *site) yaml { return s.hex(32) }, 0.92},
	{"a challenge of PKCE", texts, func(s *site) bool { return s.ends("code_challenge", "code_verifier") && s.fits(43) }, func(s *site) yaml { return short("pattern", "[A-Za-z0-9_-]{43}") }, 0.92},
	{"a code that is sent once", texts, func(s *site) bool {
		return s.ends("code") && s.has("reset", "verification", "activation", "recovery", "auth", "authorization", "device", "invite", "invitation", "confirmation", "login", "unlock", "validation") && s.fits(6)
	}, func(s *site) yaml {
		n := 24
		if s.limit > 0 {
			n = min(n, s.limit)
		}
		return call("code", "type", "token", "digits", n)
	}, 0.85},
	{"a document of settings", texts, func(s *site) bool {
		v, ok := sqlexpr.Constant(s.column.Default)
		return (ok && v == "{}" || !ok && s.is("config", "configuration", "settings", "options", "preferences", "metadata") && s.limit == 0) && !s.unique && s.fits(400)
	}, func(s *site) yaml { return short("json", "settings") }, 0.85},
	{"a list of JSON", texts, func(s *site) bool {
		v, ok := sqlexpr.Constant(s.column.Default)
		return ok && v == "[]" && !s.unique && s.fits(400)
	}, func(s *site) yaml { return short("json", "tags") }, 0.8},
}
