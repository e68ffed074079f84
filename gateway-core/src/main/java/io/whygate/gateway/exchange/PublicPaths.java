package io.whygate.gateway.exchange;

import io.whygate.gateway.http.RequestHead;
import io.whygate.gateway.reply.LocalReply;

/// The gateway's own paths, which it answers on every listener: `/.well-known/whygate/...`.
public interface PublicPaths {
  /// What all of them begin with.
  String PREFIX = "/.well-known/whygate/";

  /// Answers a request whose path begins with [#PREFIX].
  void answer(RequestHead request, Answer answer);

  /// How such a request is answered: by one [#reply], or by [#stream], any number of [#send] and
  /// [#end]. May be called from any thread.
  interface Answer {
    void reply(LocalReply reply);

    /// Begins an answer that goes on.
    ///
    /// @param gone called once, when the client has left
    void stream(LocalReply head, Runnable gone);

    /// Sends content; dropped where the client takes no more.
    void send(byte[] content);

    void end();
  }

  /// Whether a request is for one of them.
  static boolean isFor(RequestHead request) {
    int length = request.pathEnd() - request.pathStart();
    if (length < PREFIX.length()) {
      return false;
    }
    byte[] bytes = request.fields().bytes();
    for (int i = 0; i < PREFIX.length(); i++) {
      if (bytes[request.pathStart() + i] != PREFIX.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
