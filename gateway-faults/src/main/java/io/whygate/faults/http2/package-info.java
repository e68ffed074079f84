/// A server of HTTP/2 whose frames are sent one by one, so that each can be wrong. Start at
/// [FramedServer].
@NullMarked
package io.whygate.faults.http2;

import org.jspecify.annotations.NullMarked;
