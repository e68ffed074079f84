/// Compresses the content of answers on its way to the client. Start at [Compression].
@NullMarked
package io.whygate.gateway.compression;

import org.jspecify.annotations.NullMarked;
