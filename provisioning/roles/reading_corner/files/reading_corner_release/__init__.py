"""
Installs releases of the agent on its device and changes between them; what does not prove itself is changed back.

Goes to /usr/local/lib/reading-corner, as a folder. It needs Python 3.11 and nothing else, so that it works when the
release does not. In /opt/reading-corner are

    releases/VERSION  a release: its `venv`, and the file `complete`, which is written last
    current           what the service runs
    previous          what it ran before
    way-back          only during a change: what `current` goes back to

The last three are symbolic links. Each step of a change makes, moves or removes one of them, which happens or does not
whenever the power goes off. While there is a way back, the release at `current` is on trial. That it is kept is one
rename, of `way-back` to `previous`. If the trial was cut short, the device goes back before its service starts.
"""
