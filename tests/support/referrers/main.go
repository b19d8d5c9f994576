// Command referrers-registry serves an OCI registry in memory that has the referrers API, which
// Debian's docker-registry has not:
//
//	referrers-registry ADDRESS [CERTIFICATE KEY]
//
// With a certificate and its key, both PEM files, it speaks TLS. It logs each request to standard error.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"
)

func main() {
	words := os.Args[1:]
	if len(words) != 1 && len(words) != 3 {
		fmt.Fprintln(os.Stderr, "usage: referrers-registry ADDRESS [CERTIFICATE KEY]")
		os.Exit(2)
	}
	server := &http.Server{
		Addr:              words[0],
		Handler:           registry.New(registry.WithReferrersSupport(true)),
		ReadHeaderTimeout: 10 * time.Second,
	}
	if len(words) == 3 {
		log.Fatal(server.ListenAndServeTLS(words[1], words[2]))
	}
	log.Fatal(server.ListenAndServe())
}
