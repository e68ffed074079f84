package io.whygate.gateway.connection;

import io.netty.buffer.ByteBuf;
import io.whygate.gateway.http.Framing;
import java.nio.charset.StandardCharsets;

/// A GET of the gateway's own, without anybody's credentials, on a connection for it alone.
///
/// @param path what is asked for, as it stands in a request line
/// @param authority host and port
/// @param agent what it calls itself
public record LoneGet(String path, String authority, String agent) implements OutgoingRequest {
  @Override
  public boolean isHead() {
    return false;
  }

  @Override
  public boolean asksForUpgrade() {
    return false;
  }

  @Override
  public boolean takesTrailers() {
    return false;
  }

  @Override
  public Framing framing() {
    return Framing.NONE;
  }

  @Override
  public int sizeHint() {
    return path.length() + authority.length() + 128;
  }

  @Override
  public void writeHttp1(ByteBuf out) {
    out.writeCharSequence(
        "GET "
            + path
            + " HTTP/1.1\r\nHost: "
            + authority
            + "\r\nUser-Agent: "
            + agent
            + "\r\nAccept: */*\r\nConnection: close\r\n\r\n",
        StandardCharsets.US_ASCII);
  }
}
