package io.whygate.gateway.grpcweb;

import io.netty.buffer.ByteBuf;
import io.whygate.gateway.grpc.MessageWalk;
import io.whygate.gateway.http.FieldName;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.RequestHead;
import io.whygate.gateway.http.ResponseHead;
import org.jspecify.annotations.Nullable;

/// A call of a gRPC-Web client on its way to a gRPC server. Nothing of it is gathered: what is held
/// is less than four bytes. Confined to its event loop.
public final class GrpcWebCall {
  private final GrpcWebType answer;
  private final RequestHead head;
  private final @Nullable Base64Decoder text;
  private final MessageWalk walk = new MessageWalk();
  private String problem = "";

  private GrpcWebCall(RequestHead client, GrpcWebType type) {
    answer = new GrpcWebType(wantsText(client, type), type.encoding());
    head = TranslatedHeads.request(client, type);
    text = type.isText() ? new Base64Decoder() : null;
  }

  /// The call that a request is; null where it is none.
  public static @Nullable GrpcWebCall of(RequestHead client) {
    FieldSection fields = client.fields();
    GrpcWebType type = GrpcWebType.of(fields.first(FieldName.CONTENT_TYPE));
    boolean mayCall = client.method().equals("POST") && fields.has(FieldName.HOST);
    return mayCall && type != null ? new GrpcWebCall(client, type) : null;
  }

  /// Whether the answer is to be base64: as Accept says, or as the call is.
  private static boolean wantsText(RequestHead client, GrpcWebType call) {
    boolean text = false;
    boolean binary = false;
    String accepted = client.fields().joined(FieldName.ACCEPT);
    for (String element : accepted.split(",", -1)) {
      GrpcWebType type = GrpcWebType.of(element.strip());
      text |= type != null && type.isText();
      binary |= type != null && !type.isText();
    }
    return text == binary ? call.isText() : text;
  }

  /// The head that the server is to see.
  public RequestHead head() {
    return head;
  }

  /// The media type of an answer that is the gateway's own.
  public String ownType() {
    return GrpcWebType.ofAnswer(answer.isText(), answer.encoding());
  }

  /// Takes a piece of content, and owns it.
  ///
  /// @return what the server is to see of it, possibly nothing, the caller's; null where it breaks
  ///   the rules as [#problem] says
  public @Nullable ByteBuf take(ByteBuf piece) {
    ByteBuf plain = piece;
    if (text != null) {
      plain = text.decode(piece);
      piece.release();
    }
    if (plain == null) {
      problem = "content that is not base64.";
    } else if (!walk.follow(plain)) {
      plain.release();
      plain = null;
      problem = "content that is not made of gRPC messages.";
    }
    return plain;
  }

  /// Whether the content may end here; else [#problem] says why not.
  public boolean mayEnd() {
    if (text != null && !text.isBetweenGroups()) {
      problem = "content that ends within a group of base64.";
    } else if (!walk.isBetweenMessages()) {
      problem = "content that ends within a gRPC message.";
    }
    return problem.isEmpty();
  }

  /// What is wrong with the content, for the client.
  public String problem() {
    return problem;
  }

  /// The answer that a head begins; null where it is not gRPC's, and is to be passed on as it is.
  public @Nullable GrpcWebAnswer answer(ResponseHead from) {
    return GrpcWebAnswer.of(from, answer.isText());
  }

  /// A message of trailers as the content of an answer that has nothing else; owns it.
  public ByteBuf alone(ByteBuf message) {
    if (!answer.isText()) {
      return message;
    }
    Base64Encoder encoder = new Base64Encoder();
    ByteBuf out = encoder.encode(message);
    message.release();
    encoder.flush(out);
    return out;
  }
}
