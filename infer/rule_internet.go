package infer

// internetRules recognise what belongs to networks, files and browsers.
var internetRules = []rule{
	{"a person's picture", texts, func(s *site) bool {
		return s.has("avatar") && !s.elsewhere() || s.is("photo", "picture", "photo_url", "picture_url", "profile_picture", "profile_image", "profile_photo") && s.about(personTables...)
	}, func(s *site) yaml { return short("internet", "avatar_url") }, 0.88},
	{"an image's address", texts, func(s *site) bool {
		return len(s.words) > 1 && s.ends("image", "photo", "picture", "thumbnail", "logo", "icon", "banner") && s.fits(40) || s.has("avatar", "image", "photo", "picture", "thumbnail", "logo", "icon", "banner") && (s.has("url", "uri", "src", "link", "href") || len(s.words) == 1)
	}, func(s *site) yaml { return short("internet", "image_url") }, 0.85},
	{"a web address", texts, func(s *site) bool {
		return s.has("url", "uri", "href", "website", "homepage", "webpage", "permalink", "hyperlink") || s.is("link", "site", "web", "endpoint", "callback", "webhook", "referrer", "referer", "redirect")
	}, func(s *site) yaml { return short("internet", "url") }, 0.93},
	{"a domain", texts, func(s *site) bool { return s.is("domain", "domain_name", "subdomain", "fqdn") }, func(s *site) yaml { return short("internet", "domain") }, 0.9},
	{"a host", texts, func(s *site) bool {
		return s.is("host", "hostname", "host_name", "server", "server_name", "node", "node_name", "machine")
	}, func(s *site) yaml { return short("internet", "host") }, 0.85},
	{"a name in DNS", texts, func(s *site) bool {
		return s.ends("dns", "fqdn", "ldap_host", "smtp_server", "mail_server", "proxy_host", "smtp_host")
	}, func(s *site) yaml { return short("internet", "host") }, 0.85},
	{"an IP address", texts, func(s *site) bool {
		return s.ends("address") && (s.has("proxy", "listen", "bind", "peer", "gateway", "source", "destination", "src", "dst") || s.is("address") && s.about("node", "interface", "server", "proxy", "peer", "device")) ||
			s.has("ip", "ipv4", "ipaddr") && !s.has("mac") || s.is("remote_addr", "client_addr", "remote_address", "client_address")
	},
		func(s *site) yaml { return short("internet", "ipv4") }, 0.92},
	{"an IPv6 address", texts, func(s *site) bool { return s.has("ipv6") }, func(s *site) yaml { return short("internet", "ipv6") }, 0.95},
	{"a MAC address", texts, func(s *site) bool { return s.is("mac", "mac_address", "mac_addr") || s.has("macaddress", "macaddr") }, func(s *site) yaml { return short("internet", "mac") }, 0.93},
	{"a user agent", texts, func(s *site) bool { return s.ends("user_agent", "useragent") }, func(s *site) yaml { return short("internet", "user_agent") }, 0.97},
	{"a slug", texts, func(s *site) bool { return s.has("slug") || s.is("url_key", "permalink_name", "path_name") }, func(s *site) yaml { return short("internet", "slug") }, 0.95},
	{"a media type", texts, func(s *site) bool { return s.ends("mime", "mime_type", "mimetype", "media_type", "content_type") }, func(s *site) yaml { return short("internet", "mime_type") }, 0.9},
	{"a file's ending", texts, func(s *site) bool {
		return s.is("extension", "ext", "file_extension", "file_ext") && !s.besideAny("phone", "telephone")
	}, func(s *site) yaml { return short("internet", "extension") }, 0.9},
	{"a file", texts, func(s *site) bool {
		return s.ends("file_name", "filename", "file", "attachment") || s.is("name", "title") && s.of("file", "attachment", "upload", "document", "blob")
	}, func(s *site) yaml { return short("internet", "file_name") }, 0.88},
	{"a path", texts, func(s *site) bool { return s.ends("path", "filepath", "dir", "directory", "folder", "route") }, func(s *site) yaml { return short("internet", "path") }, 0.85},
	{"a method of HTTP", texts, func(s *site) bool {
		return s.is("http_method", "request_method", "verb") || s.is("method") && s.of("request", "route", "endpoint", "api", "webhook", "log")
	},
		func(s *site) yaml { return short("word", "http_method") }, 0.9},
	{"a log's level", texts, func(s *site) bool { return s.is("log_level", "loglevel") || s.is("level") && s.of("log", "event") }, func(s *site) yaml { return short("word", "log_level") }, 0.9},
	{"a browser", texts, func(s *site) bool { return s.is("browser") }, func(s *site) yaml { return short("word", "browser") }, 0.93},
	{"an operating system", texts, func(s *site) bool { return s.is("os", "operating_system", "platform") }, func(s *site) yaml { return short("word", "os") }, 0.85},
	{"a device", texts, func(s *site) bool { return s.is("device", "device_type", "device_name") }, func(s *site) yaml { return short("word", "device") }, 0.85},
	{"a status of HTTP", texts, func(s *site) bool { return s.ends("status_codes", "status_code", "http_code", "response_code") }, func(s *site) yaml {
		return short("pick", list([]string{"200", "201", "204", "301", "400", "404", "500"}))
	}, 0.88},
	{"a status of HTTP", ints, func(s *site) bool {
		return s.is("http_status", "status_code", "response_code", "http_code", "response_status")
	}, func(s *site) yaml {
		return call("pick", "weights", mapping(200, 70, 201, 8, 204, 4, 301, 3, 304, 3, 400, 4, 401, 2, 403, 1, 404, 4, 500, 1))
	}, 0.93},
	{"a port", ints, func(s *site) bool { return s.ends("port") && !s.has("air") }, func(s *site) yaml { return call("integer", "min", 1024, "max", 32767) }, 0.85},
}

// network gives the beginning of the addresses of profiles on the network that a name speaks of; "" where it is of none.
func (s *site) network() string {
	for _, w := range s.words {
		if at := networks[w]; at != "" {
			return at
		}
	}
	return ""
}

// networks are where profiles on them begin.
var networks = map[string]string{"linkedin": "www.linkedin.com/in/", "github": "github.com/", "gitlab": "gitlab.com/", "twitter": "twitter.com/", "facebook": "www.facebook.com/",
	"instagram": "www.instagram.com/", "youtube": "www.youtube.com/@", "tiktok": "www.tiktok.com/@", "soundcloud": "soundcloud.com/", "mastodon": "mastodon.social/@"}

// elsewhere tells whether a name speaks of a key or a type of a picture, not of where it lies.
func (s *site) elsewhere() bool {
	return s.ends("id", "type", "key", "hash", "name", "size", "color", "colour", "content_type", "updated", "data")
}
