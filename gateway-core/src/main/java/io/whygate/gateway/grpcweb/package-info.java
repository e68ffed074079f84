/// gRPC-Web, as browsers speak it, made gRPC, and its answers gRPC-Web again (PROTOCOL-WEB.md of
/// gRPC): heads, messages, trailers. Start at [GrpcWebCall].
@NullMarked
package io.whygate.gateway.grpcweb;

import org.jspecify.annotations.NullMarked;
