/// Certificates of every kind, good and bad, made with the JDK alone, and the ways a TLS server
/// fails.
///
/// Start at [Pki] for a ready set of certificates, or at [Certificates] to make one's own.
@NullMarked
package io.whygate.faults.tls;

import org.jspecify.annotations.NullMarked;
