package dev.longshore.proxy.subscribe;

import dev.longshore.contract.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The service-account token that is presented to operators. The kubelet replaces the file long
 * before the token expires, so it is read for every connection.
 */
final class TokenFile {
  private static final int MAX_BYTES = 64 * 1024;

  private final Path file;

  TokenFile(Path file) {
    this.file = file;
  }

  /**
   * The token as it is now.
   *
   * @throws IOException if there is none that could be sent; the message names the file and never
   *     shows what is in it
   */
  Secret read() throws IOException {
    byte[] content;
    try (InputStream in = Files.newInputStream(file)) {
      content = in.readNBytes(MAX_BYTES + 1);
    } catch (NoSuchFileException e) {
      throw new IOException(
          "there is no token " + file + " (--token); mount a projected service-account token", e);
    } catch (IOException e) {
      throw new IOException("the token " + file + " can't be read: " + e.getMessage(), e);
    }
    if (content.length > MAX_BYTES) {
      throw new IOException("the token " + file + " is longer than " + MAX_BYTES + " bytes");
    }
    String token = new String(content, StandardCharsets.UTF_8).strip();
    if (token.isEmpty()) {
      throw new IOException("the token " + file + " is empty");
    }
    if (!token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new IOException("the token " + file + " is no token: it has blanks or control codes");
    }
    return new Secret(token);
  }
}
