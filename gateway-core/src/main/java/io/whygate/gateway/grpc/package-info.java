/// What the gateway knows of gRPC itself: the deadline of a call, and where its messages end. Start
/// at [GrpcTimeout].
@NullMarked
package io.whygate.gateway.grpc;

import org.jspecify.annotations.NullMarked;
