/// Certificates that the gateway has by ACME: when they are asked for, where they are kept, and the
/// proofs that clients of the authority are shown; knows nothing of the protocol itself.
@NullMarked
package io.whygate.gateway.acme;

import org.jspecify.annotations.NullMarked;
