/// ACME itself (RFC 8555), by acme4j. Nothing of it is loaded where no certificate is wanted.
@NullMarked
package io.whygate.gateway.acme.client;

import org.jspecify.annotations.NullMarked;
