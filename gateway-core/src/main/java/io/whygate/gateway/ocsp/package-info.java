/// Proofs that certificates shown to clients were not revoked (OCSP), fetched of their authorities'
/// responders and kept until they run out.
@NullMarked
package io.whygate.gateway.ocsp;

import org.jspecify.annotations.NullMarked;
