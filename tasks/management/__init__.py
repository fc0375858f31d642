"""The commands about tasks. They share types of arguments (`arguments`) and a base class (`batch_command`).

Start at any module of `commands`. Nothing outside this room imports it.
"""
