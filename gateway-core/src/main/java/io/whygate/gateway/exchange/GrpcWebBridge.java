package io.whygate.gateway.exchange;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.whygate.gateway.config.GrpcWebSettings;
import io.whygate.gateway.grpcweb.GrpcWebCall;
import io.whygate.gateway.grpcweb.TrailerMessage;
import io.whygate.gateway.http.RequestHead;
import io.whygate.gateway.http.ResponseHead;
import io.whygate.gateway.reply.LocalReply;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Carries one call of a gRPC-Web client to a gRPC server. Confined to its event loop.
final class GrpcWebBridge {
  private final GrpcWebSettings settings;
  private final RequestHead client;
  private final GrpcWebCall call;

  private GrpcWebBridge(GrpcWebSettings settings, RequestHead client, GrpcWebCall call) {
    this.settings = settings;
    this.client = client;
    this.call = call;
  }

  /// What carries a request; null where it is no call.
  static @Nullable GrpcWebBridge of(GrpcWebSettings settings, RequestHead client) {
    GrpcWebCall call = GrpcWebCall.of(client);
    return call == null ? null : new GrpcWebBridge(settings, client, call);
  }

  GrpcWebCall call() {
    return call;
  }

  /// The answer to content that breaks the rules.
  LocalReply refusal() {
    return LocalReply.text(400, call.problem(), false);
  }

  /// Whole field lines that an answer has beyond its own.
  String lines(ResponseHead head) {
    StringBuilder lines = new StringBuilder();
    for (LocalReply.Field each : CrossOrigin.of(settings, client, head.fields())) {
      lines.append(each.name()).append(": ").append(each.value()).append("\r\n");
    }
    return lines.toString();
  }

  /// An answer of the gateway's own as the client reads it: how the call ended is told in the
  /// message of its trailers.
  LocalReply reply(LocalReply own) {
    ByteBuf content = call.alone(trailers(own));
    byte[] body = ByteBufUtil.getBytes(content);
    content.release();
    List<LocalReply.Field> fields = new ArrayList<>(own.fields().size() + 4);
    for (LocalReply.Field each : own.fields()) {
      String name = each.name().toLowerCase(Locale.ROOT);
      if (!name.startsWith(GrpcStatus.PREFIX)
          && !name.equals("content-type")
          && !name.equals("content-length")) {
        fields.add(each);
      }
    }
    fields.add(new LocalReply.Field("Content-Type", call.ownType()));
    fields.add(new LocalReply.Field("Content-Length", Integer.toString(body.length)));
    List<String> names = fields.stream().map(LocalReply.Field::name).toList();
    fields.addAll(CrossOrigin.of(settings, client, names));
    return new LocalReply(200, fields, body, own.close());
  }

  /// How a call ends by an answer of the gateway's own, as a message of trailers; the caller's.
  static ByteBuf trailers(LocalReply own) {
    TrailerMessage message = new TrailerMessage();
    for (LocalReply.Field each : GrpcStatus.of(own)) {
      message.add(each.name(), each.value());
    }
    return message.end();
  }
}
