// A newspaper made with React: disqus-react as it comes from its package.
import { CommentCount, DiscussionEmbed } from "disqus-react";
import { useState } from "react";
import { createRoot } from "react-dom/client";

function App() {
  const [article, show] = useState(window.article);
  window.show = show;
  if (!article) return <p id="front">The front page.</p>;
  return (
    <>
      <h1>{article.config.title}</h1>
      <CommentCount {...article} />
      <DiscussionEmbed {...article} />
    </>
  );
}

createRoot(document.getElementById("app")).render(<App />);
