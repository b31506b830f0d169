#pragma once
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace ditmos::data {

/// A web server for one test: serves `body` on 127.0.0.1, with ranges or without, and may cut the first
/// answers short. It notes the first line and the range of each request.
class HttpServer {
 public:
  struct Behaviour {
    std::string body;
    bool ranges = true;
    int cuts = 0;              ///< how many answers end after `cut_after` bytes
    std::size_t cut_after = 0;
    int status = 200;
  };

  explicit HttpServer(Behaviour behaviour) : behaviour_(std::move(behaviour)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (listener_ < 0 || ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 8) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
      throw std::runtime_error("cannot listen on 127.0.0.1");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~HttpServer() {
    stopped_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::string url(const std::string& path) const { return "http://127.0.0.1:" + std::to_string(port_) + path; }
  /// The Range of each request so far ("" for none). Read it once the client is done.
  const std::vector<std::string>& ranges() const { return ranges_; }

 private:
  void serve() {
    for (;;) {
      const int client = ::accept(listener_, nullptr, nullptr);
      if (stopped_ || client < 0) {
        if (client >= 0) ::close(client);
        return;
      }
      answer(client);
      ::close(client);
    }
  }

  void answer(int client) {
    std::string request;
    char buffer[4096];
    while (request.find("\r\n\r\n") == std::string::npos) {
      const auto n = ::recv(client, buffer, sizeof buffer, 0);
      if (n <= 0) return;
      request.append(buffer, static_cast<std::size_t>(n));
    }
    std::string range;
    if (const auto at = request.find("Range: bytes="); at != std::string::npos)
      range = request.substr(at + 13, request.find("\r\n", at) - at - 13);
    ranges_.push_back(range);
    const std::size_t start = behaviour_.ranges && !range.empty() ? std::stoul(range) : 0;
    const std::string& body = behaviour_.body;
    std::string head = "HTTP/1.1 " + std::to_string(start > 0 ? 206 : behaviour_.status) + " X\r\nConnection: close\r\n";
    if (start > 0)
      head += "Content-Range: bytes " + std::to_string(start) + "-" + std::to_string(body.size() - 1) + "/" + std::to_string(body.size()) + "\r\n";
    head += "Content-Length: " + std::to_string(body.size() - start) + "\r\n\r\n";
    std::string content = body.substr(start);
    if (behaviour_.cuts > 0) {
      --behaviour_.cuts;
      content.resize(std::min(content.size(), behaviour_.cut_after));
    }
    send_all(client, head + content);
    ::shutdown(client, SHUT_WR);
    while (::recv(client, buffer, sizeof buffer, 0) > 0) {
    }
  }

  static void send_all(int client, const std::string& text) {
    for (std::size_t at = 0; at < text.size();) {
      const auto n = ::send(client, text.data() + at, text.size() - at, MSG_NOSIGNAL);
      if (n <= 0) return;
      at += static_cast<std::size_t>(n);
    }
  }

  Behaviour behaviour_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopped_{false};
  std::vector<std::string> ranges_;
  std::thread thread_;
};

}  // namespace ditmos::data
